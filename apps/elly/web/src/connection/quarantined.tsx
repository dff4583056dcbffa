import { Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { quarantinedQuery } from '../api/ats.js';
import { QueryView } from '../states/query-view.js';
import { Moment } from '../words/moment.js';
import { kindWord } from '../words/records.js';

/** The first of the records that could not be read, each with what is wrong with it. */
export function Quarantined({ connectionId }: { readonly connectionId: string }) {
  const entries = useQuery(quarantinedQuery(connectionId));
  return (
    <QueryView query={entries} failed="The records that were set aside could not be loaded">
      {(rows) => (
        <Table.ScrollContainer minWidth={480}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>What</Table.Th>
                <Table.Th>Id in the ATS</Table.Th>
                <Table.Th>What is wrong</Table.Th>
                <Table.Th>Seen</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(({ kind, remoteId, rowKey, reason, lastSeenAt }) => (
                <Table.Tr key={`${kind}:${rowKey}`}>
                  <Table.Td>{kindWord(kind)}</Table.Td>
                  <Table.Td>{remoteId ?? 'It has none'}</Table.Td>
                  <Table.Td>{reason}</Table.Td>
                  <Table.Td>
                    <Moment at={lastSeenAt} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </QueryView>
  );
}
