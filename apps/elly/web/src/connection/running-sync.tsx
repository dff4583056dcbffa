import { Badge, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { SyncRun } from '../api/ats-schemas.js';
import { Section } from '../states/section.js';
import { counted, whole } from '../words/numbers.js';
import { kindWord, skippedWord } from '../words/records.js';
import { duration } from '../words/time.js';
import { RUN_WORDS, sumOf, tookMs } from './run-words.js';

/** A sync while it runs: what came so far, how fast, and what was left out. What is here can be used already. */
export function RunningSync({ run }: { readonly run: SyncRun }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const took = tookMs(run, now);
  const { seen } = sumOf(run.counts);
  const done = run.streams.filter(({ status }) => status === 'done').length;
  const skipped = skippedOf(run);
  return (
    <Section
      title={
        run.status === 'queued' ? `${RUN_WORDS[run.kind]}: waits for its turn` : `${RUN_WORDS[run.kind]} is running`
      }
      about="You can leave this page, and use what has come in already."
      actions={<Badge color="blue">{took === null ? 'Waiting' : duration(took)}</Badge>}
    >
      <Stack gap={6}>
        <Progress
          value={(100 * done) / Math.max(1, run.streams.length)}
          striped
          animated
          aria-label="Lists that are read to their end"
        />
        <Group justify="space-between" gap="sm">
          <Text size="sm" role="status">
            {counted(seen, 'record')} read, {done} of {counted(run.streams.length, 'list')} done
          </Text>
          <Text size="sm" c="dimmed">
            {rateWords(run, seen, took)}
          </Text>
        </Group>
      </Stack>
      {Object.keys(run.counts).length === 0 ? null : (
        <Table.ScrollContainer minWidth={420}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>What</Table.Th>
                <Table.Th ta="right">Read</Table.Th>
                <Table.Th ta="right">New</Table.Th>
                <Table.Th ta="right">Changed</Table.Th>
                <Table.Th ta="right">As before</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody className="numbers">
              {Object.entries(run.counts).map(([kind, counts]) => (
                <Table.Tr key={kind}>
                  <Table.Td>{kindWord(kind)}</Table.Td>
                  <Table.Td ta="right">{whole(counts.seen)}</Table.Td>
                  <Table.Td ta="right">{whole(counts.created)}</Table.Td>
                  <Table.Td ta="right">{whole(counts.updated)}</Table.Td>
                  <Table.Td ta="right">{whole(counts.unchanged)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {skipped.length === 0 ? null : (
        <Text size="sm" c="dimmed">
          Left out so far: {skipped.join('; ')}.
        </Text>
      )}
    </Section>
  );
}

function skippedOf(run: SyncRun): string[] {
  const byReason = new Map<string, number>();
  for (const { skipped } of Object.values(run.counts)) {
    for (const [reason, count] of Object.entries(skipped)) byReason.set(reason, (byReason.get(reason) ?? 0) + count);
  }
  return [...byReason].map(([reason, count]) => `${whole(count)} × ${skippedWord(reason).toLowerCase()}`);
}

/** How fast it goes; how long it takes only where the ATS says how much there is. */
function rateWords(run: SyncRun, seen: number, took: number | null): string {
  if (took === null || took < 1_000 || seen === 0) return '';
  const perSecond = seen / (took / 1_000);
  const rate = `${perSecond < 10 ? perSecond.toFixed(1) : whole(Math.round(perSecond))} records a second`;
  const open = run.streams.filter(({ status }) => status !== 'done');
  if (open.length === 0 || open.some(({ total }) => total === null)) return rate;
  const left = open.reduce((sum, { total, counts }) => sum + Math.max(0, (total ?? 0) - sumOf(counts).seen), 0);
  return `${rate}, about ${duration((left / perSecond) * 1_000)} left`;
}
