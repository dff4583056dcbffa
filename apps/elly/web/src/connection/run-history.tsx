import { Badge, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { runsQuery } from '../api/ats.js';
import type { SyncRun } from '../api/ats-schemas.js';
import { Empty } from '../states/empty.js';
import { QueryView } from '../states/query-view.js';
import { Section } from '../states/section.js';
import { Moment } from '../words/moment.js';
import { whole } from '../words/numbers.js';
import { duration } from '../words/time.js';
import { RunChart } from './run-chart.js';
import { RUN_STATUS_WORDS, RUN_WORDS, sumOf, tookMs } from './run-words.js';

/** The last runs, newest first, with what each brought and how long it took. */
export function RunHistory({ connectionId }: { readonly connectionId: string }) {
  const runs = useQuery(runsQuery(connectionId));
  return (
    <Section title="Sync history">
      <QueryView query={runs} failed="The sync history could not be loaded">
        {(list) =>
          list.length === 0 ? (
            <Empty title="Nothing was synced yet">The first sync appears here when it begins.</Empty>
          ) : (
            <>
              <RunChart runs={list} />
              <Table.ScrollContainer minWidth={720}>
                <Table>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>When</Table.Th>
                      <Table.Th>What</Table.Th>
                      <Table.Th>How it went</Table.Th>
                      <Table.Th ta="right">Took</Table.Th>
                      <Table.Th ta="right">New</Table.Th>
                      <Table.Th ta="right">Changed</Table.Th>
                      <Table.Th ta="right">As before</Table.Th>
                      <Table.Th ta="right">Left out</Table.Th>
                      <Table.Th ta="right">Set aside</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {list.map((run) => (
                      <Row key={run.id} run={run} />
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
            </>
          )
        }
      </QueryView>
    </Section>
  );
}

function Row({ run }: { readonly run: SyncRun }) {
  const { label, colour } = RUN_STATUS_WORDS[run.status];
  const { created, updated, unchanged, skipped, quarantined } = sumOf(run.counts);
  const took = run.finishedAt === null ? null : tookMs(run, 0);
  return (
    <Table.Tr className="numbers">
      <Table.Td>
        <Moment at={run.startedAt ?? run.queuedAt} />
      </Table.Td>
      <Table.Td>{RUN_WORDS[run.kind]}</Table.Td>
      <Table.Td>
        <Badge color={colour}>{label}</Badge>
        {run.fault === null ? null : (
          <Text size="xs" mt={4}>
            {run.fault.message}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">{took === null ? '–' : duration(took)}</Table.Td>
      {[created, updated, unchanged, skipped, quarantined].map((count, column) => (
        <Table.Td key={column} ta="right">
          {whole(count)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
