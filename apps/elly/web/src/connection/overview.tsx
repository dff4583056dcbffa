import { Badge, Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { activeRun, runsQuery } from '../api/ats.js';
import type { ConnectionDetails } from '../api/ats-schemas.js';
import { Section } from '../states/section.js';
import { Moment } from '../words/moment.js';
import { counted, whole } from '../words/numbers.js';
import { kindWord, skippedWord } from '../words/records.js';
import { HeldDeletions } from './held-deletions.js';
import { Issues } from './issues.js';
import { PermissionWarnings } from './permission-warnings.js';
import { Quarantined } from './quarantined.js';
import { RunningSync } from './running-sync.js';
import { WhyNotHere } from './why-not-here.js';

/** What is here, what is not and why, and what wants somebody's attention. */
export function Overview({ connection }: { readonly connection: ConnectionDetails }) {
  const { id, providerName, records, skipped, quarantined } = connection;
  const runs = useQuery(runsQuery(id));
  const run = activeRun(runs.data);
  return (
    <Stack gap="md">
      {run === undefined ? null : <RunningSync run={run} />}
      <PermissionWarnings warnings={connection.warnings} ats={providerName} />
      <HeldDeletions connectionId={id} ats={providerName} />
      {connection.issues.length === 0 ? null : <Issues connection={connection} />}
      <Section title="Sync">
        <dl className="facts">
          <Fact name="Last synced">
            {connection.lastSyncedAt === null ? 'Not yet' : <Moment at={connection.lastSyncedAt} />}
          </Fact>
          <Fact name="Next sync">{nextSync(connection)}</Fact>
          <Fact name="Last listing of everything">
            {connection.completeUntil === null ? 'Not yet' : <Moment at={connection.completeUntil} />}
          </Fact>
          <Fact name="Connected since">
            <Moment at={connection.createdAt} />
          </Fact>
        </dl>
      </Section>
      <Section title="In Elly" about={`Records that came from ${providerName}.`}>
        <dl className="facts">
          <Fact name="Jobs">
            {whole(records.jobs)}{' '}
            <Text span size="sm" c="dimmed">
              ({whole(records.openJobs)} open)
            </Text>
          </Fact>
          <Fact name="Candidates">{whole(records.candidates)}</Fact>
          <Fact name="Applications">{whole(records.applications)}</Fact>
          <Fact name="Stages">{whole(records.stages)}</Fact>
          <Fact name="Users">{whole(records.users)}</Fact>
          <Fact name="Résumés">
            {whole(records.resumes)}
            {records.resumesPending === 0 ? null : (
              <Text span size="sm" c="dimmed">
                {' '}
                ({whole(records.resumesPending)} still to look at)
              </Text>
            )}
          </Fact>
        </dl>
      </Section>
      <Section
        title="Left out"
        about={`People are imported for open jobs alone (in ${providerName}: ${connection.openJobStatuses.join(', ')}).`}
      >
        {skipped.length === 0 ? (
          <Text size="sm">Nothing was left out.</Text>
        ) : (
          <Table.ScrollContainer minWidth={280}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>What</Table.Th>
                  <Table.Th>Why</Table.Th>
                  <Table.Th ta="right">How many</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {skipped.map(({ kind, reason, count }) => (
                  <Table.Tr key={`${kind}:${reason}`}>
                    <Table.Td>{kindWord(kind)}</Table.Td>
                    <Table.Td>{skippedWord(reason)}</Table.Td>
                    <Table.Td ta="right" className="numbers">
                      {whole(count)}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        <Group gap="sm">
          <Text size="sm">Set aside because they could not be read:</Text>
          <Badge color={quarantined === 0 ? 'green' : 'yellow'}>{counted(quarantined, 'record')}</Badge>
        </Group>
        {quarantined === 0 ? null : <Quarantined connectionId={id} />}
      </Section>
      <WhyNotHere connectionId={id} ats={providerName} />
    </Stack>
  );
}

function nextSync({ status, nextRunAt, awaitsStart }: ConnectionDetails): ReactNode {
  if (status !== 'active') return 'None until it is connected';
  if (awaitsStart) return 'When the import is started';
  return nextRunAt === null ? 'Soon' : <Moment at={nextRunAt} />;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
