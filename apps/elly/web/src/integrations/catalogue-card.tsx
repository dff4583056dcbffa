import { Anchor, Button, Card, Collapse, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure, useId } from '@mantine/hooks';
import { Link } from 'react-router';
import type { CatalogueEntry } from '../api/ats-schemas.js';
import { counted } from '../words/numbers.js';
import { ConnectDialog } from './connect-dialog.js';
import { FieldTables } from './field-tables.js';
import type { Obstacle } from './obstacles.js';

interface CatalogueCardProps {
  readonly entry: CatalogueEntry;
  readonly obstacle: Obstacle | null;
  readonly cost: number;
  readonly credits: number;
}

/** An ATS that can be connected: what it can do, what it costs, and what stands in the way. */
export function CatalogueCard({ entry, obstacle, cost, credits }: CatalogueCardProps) {
  const [shown, { toggle }] = useDisclosure(false);
  const [connecting, { open, close }] = useDisclosure(false);
  const id = useId();
  const all = Object.values(entry.fields).flat();
  const both = all.filter(({ direction }) => direction === 'bidirectional').length;
  return (
    <Card component="article" aria-labelledby={id}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Stack gap={4} style={{ flex: '1 1 16rem' }}>
            <Title order={3} id={id}>
              {entry.name}
            </Title>
            <Text size="sm">{entry.summary}</Text>
            <Text size="sm" c="dimmed">
              {counted(all.length, 'field')} come in, {both} of them go both ways.
            </Text>
          </Stack>
          <Stack gap={4} align="flex-end">
            <Button onClick={open} disabled={obstacle !== null}>
              Connect {entry.name} · {counted(cost, 'credit')}
            </Button>
          </Stack>
        </Group>
        {obstacle === null ? null : (
          <Text size="sm">
            {obstacle.sentence}{' '}
            {obstacle.way === null ? null : (
              <Anchor component={Link} to={obstacle.way.to} size="sm" underline="always">
                {obstacle.way.label}
              </Anchor>
            )}
          </Text>
        )}
        <Group gap="lg">
          <Button
            variant="default"
            size="compact-sm"
            onClick={toggle}
            aria-expanded={shown}
            aria-controls={`${id}-fields`}
          >
            {shown ? 'Hide what it can do' : 'What it can do'}
          </Button>
          <Anchor href={entry.documentation} target="_blank" rel="noreferrer" size="sm" underline="always">
            API of {entry.name}
          </Anchor>
        </Group>
        <Collapse expanded={shown} id={`${id}-fields`}>
          <FieldTables fields={entry.fields} ats={entry.name} />
        </Collapse>
      </Stack>
      {connecting ? <ConnectDialog entry={entry} cost={cost} credits={credits} onClose={close} /> : null}
    </Card>
  );
}
