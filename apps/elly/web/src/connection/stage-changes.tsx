import { Badge, Button, Group, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { mappingsQuery, settleStageChange, stageChangesQuery } from '../api/ats.js';
import type { StageChange } from '../api/ats-schemas.js';
import { useSession } from '../session/use-session.js';
import { Empty } from '../states/empty.js';
import { Failure } from '../states/failure.js';
import { QueryView } from '../states/query-view.js';
import { Section } from '../states/section.js';
import { Moment } from '../words/moment.js';

const WORDS = {
  pending: { label: 'Waits to be sent', colour: 'blue' },
  sending: { label: 'Being sent', colour: 'blue' },
  confirmed: { label: 'Confirmed', colour: 'green' },
  refused: { label: 'Refused', colour: 'red' },
  parked: { label: 'Waits for the stage mapping', colour: 'yellow' },
  superseded: { label: 'Overtaken by a later move', colour: 'gray' },
} as const;

interface Settling {
  readonly changeId: string;
  readonly what: 'retry' | 'cancel';
}

/** Moves in Elly's pipeline on their way to the ATS, and what became of each. */
export function StageChanges({ connectionId, ats }: { readonly connectionId: string; readonly ats: string }) {
  const admin = useSession().role === 'admin';
  const changes = useQuery(stageChangesQuery(connectionId));
  const mappings = useQuery(mappingsQuery(connectionId));
  const client = useQueryClient();
  const settling = useMutation({
    mutationFn: ({ changeId, what }: Settling) => settleStageChange(connectionId, changeId, what),
    onSettled: () => client.invalidateQueries(),
  });
  const stageName = (id: string) => mappings.data?.hostStages.find((stage) => stage.id === id)?.name ?? 'another stage';
  return (
    <Section title="Moves" about={`Moves in Elly's pipeline on their way to ${ats}, newest first.`}>
      {settling.isError ? <Failure error={settling.error} /> : null}
      <QueryView query={changes} failed="The moves could not be loaded">
        {(list) =>
          list.length === 0 ? (
            <Empty title="No moves yet">
              When somebody moves an imported application in Elly, what {ats} says to it appears here.
            </Empty>
          ) : (
            <Table.ScrollContainer minWidth={560}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>When</Table.Th>
                    <Table.Th>To</Table.Th>
                    <Table.Th>What became of it</Table.Th>
                    <Table.Th>What you can do</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {list.map((change) => (
                    <Table.Tr key={change.id}>
                      <Table.Td>
                        <Moment at={change.requestedAt} />
                      </Table.Td>
                      <Table.Td>{stageName(change.toStageId)}</Table.Td>
                      <Table.Td>
                        <Badge color={WORDS[change.status].colour}>{WORDS[change.status].label}</Badge>
                        {change.reason === null ? null : (
                          <Text size="sm" mt={4}>
                            {change.reason}
                          </Text>
                        )}
                      </Table.Td>
                      <Table.Td>
                        {admin ? (
                          <Choices
                            change={change}
                            onChoose={(what) => settling.mutate({ changeId: change.id, what })}
                          />
                        ) : null}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </QueryView>
    </Section>
  );
}

interface ChoicesProps {
  readonly change: StageChange;
  readonly onChoose: (what: Settling['what']) => void;
}

function Choices({ change: { status }, onChoose }: ChoicesProps) {
  const retry = status === 'refused' || status === 'parked';
  const cancel = status === 'pending' || status === 'parked';
  if (!retry && !cancel) return <>–</>;
  return (
    <Group gap="xs">
      {retry ? (
        <Button size="xs" variant="default" onClick={() => onChoose('retry')}>
          Try again
        </Button>
      ) : null}
      {cancel ? (
        <Button size="xs" variant="default" onClick={() => onChoose('cancel')}>
          Take back
        </Button>
      ) : null}
    </Group>
  );
}
