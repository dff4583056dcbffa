import { Badge, Button, Group, NativeSelect, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { confirmMappings, mappingsQuery } from '../api/ats.js';
import type { StageMapping, StageMappings } from '../api/ats-schemas.js';
import { useSession } from '../session/use-session.js';
import { Empty } from '../states/empty.js';
import { Failure } from '../states/failure.js';
import { QueryView } from '../states/query-view.js';
import { Section } from '../states/section.js';
import { counted, whole } from '../words/numbers.js';
import classes from './stage-mapping-editor.module.css';

interface EditorProps {
  readonly connectionId: string;
  readonly ats: string;
}

/** Which stage of the ATS stands where in Elly's pipeline. */
export function StageMappingEditor({ connectionId, ats }: EditorProps) {
  const mappings = useQuery(mappingsQuery(connectionId));
  return (
    <Section
      title="Stage mapping"
      about={`Where applications stand in Elly, by their stage in ${ats}. A move in Elly reaches ${ats} once the stage is confirmed; until then it waits.`}
    >
      <QueryView query={mappings} failed="The stage mapping could not be loaded">
        {(view) =>
          view.mappings.length === 0 ? (
            <Empty title="No stages yet">They appear here when the first sync has read them.</Empty>
          ) : (
            <Editor connectionId={connectionId} ats={ats} view={view} />
          )
        }
      </QueryView>
    </Section>
  );
}

function Editor({ connectionId, ats, view }: EditorProps & { readonly view: StageMappings }) {
  const admin = useSession().role === 'admin';
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const client = useQueryClient();
  const saving = useMutation({
    mutationFn: (rows: readonly StageMapping[]) =>
      confirmMappings(
        connectionId,
        rows.map((row) => ({
          key: row.key,
          jobRemoteId: row.jobRemoteId,
          hostStageId: chosen.get(idOf(row)) ?? row.hostStageId,
        })),
      ),
    onSuccess: (saved, rows) => {
      client.setQueryData(mappingsQuery(connectionId).queryKey, saved);
      const done = new Set(rows.map(idOf));
      setChosen((current) => new Map([...current].filter(([id]) => !done.has(id))));
      void client.invalidateQueries();
    },
  });
  const changed = view.mappings.filter((row) => (chosen.get(idOf(row)) ?? row.hostStageId) !== row.hostStageId);
  const suggested = view.mappings.filter(({ status }) => status === 'suggested');
  const stages = view.hostStages
    .toSorted((a, b) => a.position - b.position)
    .map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm" role="status">
          {suggested.length === 0
            ? `All ${counted(view.mappings.length, 'stage')} confirmed.`
            : `${suggested.length} of ${counted(view.mappings.length, 'stage')} suggested, not confirmed.`}
        </Text>
        {!admin ? null : (
          <Group gap="sm">
            {suggested.length === 0 ? null : (
              <Button variant="default" loading={saving.isPending} onClick={() => saving.mutate(suggested)}>
                Confirm all suggestions
              </Button>
            )}
            {changed.length === 0 ? null : (
              <>
                <Button variant="default" onClick={() => setChosen(new Map())}>
                  Undo
                </Button>
                <Button loading={saving.isPending} onClick={() => saving.mutate(changed)}>
                  Save {counted(changed.length, 'change')}
                </Button>
              </>
            )}
          </Group>
        )}
      </Group>
      {saving.isError ? <Failure error={saving.error} title="The stage mapping was not saved" /> : null}
      <Table className={classes.mapping ?? ''}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Stage in {ats}</Table.Th>
            <Table.Th ta="right">Applications</Table.Th>
            <Table.Th>Stage in Elly</Table.Th>
            <Table.Th>How sure</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {view.mappings.map((row) => (
            <Table.Tr key={idOf(row)}>
              <Table.Td>
                <Text size="sm" fw={600}>
                  {row.name}
                </Text>
                {row.jobRemoteId === null ? null : (
                  <Text size="xs" c="dimmed">
                    Only for job {row.jobRemoteId}
                  </Text>
                )}
              </Table.Td>
              <Table.Td className={`numbers ${classes.count ?? ''}`}>{whole(row.applications)}</Table.Td>
              <Table.Td>
                <NativeSelect
                  aria-label={`Stage in Elly for ${row.name}`}
                  data={stages}
                  disabled={!admin}
                  value={chosen.get(idOf(row)) ?? row.hostStageId}
                  onChange={({ currentTarget: { value } }) =>
                    setChosen((current) => new Map(current).set(idOf(row), value))
                  }
                />
              </Table.Td>
              <Table.Td>
                <Certainty row={row} />
                {!admin || row.status === 'confirmed' ? null : (
                  <Button
                    variant="default"
                    size="compact-sm"
                    mt={4}
                    disabled={saving.isPending}
                    aria-label={`Confirm ${row.name}`}
                    onClick={() => saving.mutate([row])}
                  >
                    Confirm
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function Certainty({ row }: { readonly row: StageMapping }) {
  if (row.status === 'confirmed') return <Badge color="green">Confirmed</Badge>;
  return (
    <Stack gap={2} align="flex-start">
      <Badge color={row.confidence >= 0.8 ? 'blue' : 'yellow'}>Suggested, {Math.round(row.confidence * 100)} %</Badge>
      <Text size="xs" c="dimmed">
        {row.reason}
      </Text>
    </Stack>
  );
}

function idOf({ key, jobRemoteId }: StageMapping): string {
  return `${jobRemoteId ?? ''}|${key}`;
}
