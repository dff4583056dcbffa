import { Badge, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { FieldTable } from '../api/ats-schemas.js';
import { kindWord } from '../words/records.js';

/** Which field goes which way, by record kind. */
export function FieldTables({ fields, ats }: { readonly fields: FieldTable; readonly ats: string }) {
  const kinds = Object.entries(fields).filter(([, list]) => list.length > 0);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
      {kinds.map(([kind, list]) => (
        <Stack key={kind} gap={6}>
          <Title order={3} size="sm">
            {kindWord(kind)}
          </Title>
          {list.map(({ field, label, direction }) => (
            <Group key={field} justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
              <Text size="sm">{label}</Text>
              <Direction both={direction === 'bidirectional'} ats={ats} />
            </Group>
          ))}
        </Stack>
      ))}
    </SimpleGrid>
  );
}

function Direction({ both, ats }: { readonly both: boolean; readonly ats: string }) {
  return (
    <Badge
      color={both ? 'green' : 'gray'}
      style={{ flexShrink: 0 }}
      title={both ? `Elly and ${ats} both change it` : `Only ${ats} changes it`}
    >
      {both ? '⇄ both ways' : '→ into Elly'}
    </Badge>
  );
}
