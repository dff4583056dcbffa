import { Badge, Button, Card, Group, Modal, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { planUseQuery } from '../api/ats.js';
import { PLANS, switchPlan, workspaceQuery } from '../api/elly.js';
import type { PlanId } from '../api/elly.js';
import { useSession } from '../session/use-session.js';
import { useTitle } from '../shell/use-title.js';
import { Failure } from '../states/failure.js';
import { QueryView } from '../states/query-view.js';
import { counted } from '../words/numbers.js';
import { capital } from '../words/records.js';
import { CreditsSection } from './credits-section.js';

const CONNECTIONS: Readonly<Record<PlanId, number>> = { free: 0, starter: 1, growth: 1, enterprise: Infinity };

/** The demo's plans and credits: nobody pays. */
export default function BillingPage() {
  useTitle('Plan and credits');
  return (
    <Stack gap="lg">
      <Stack gap={2}>
        <Title order={1}>Plan and credits</Title>
        <Text c="dimmed">A plan says how many ATSs can be connected at once; each new connection costs a credit.</Text>
      </Stack>
      <Plans />
      <CreditsSection />
    </Stack>
  );
}

function Plans() {
  const { role } = useSession();
  const workspace = useQuery(workspaceQuery);
  const { data: use } = useQuery(planUseQuery);
  const client = useQueryClient();
  const [downTo, setDownTo] = useState<PlanId | null>(null);
  const switching = useMutation({
    mutationFn: switchPlan,
    onSettled: () => {
      setDownTo(null);
      return client.invalidateQueries();
    },
  });
  const surplus = (plan: PlanId) => Math.max(0, (use?.inUse ?? 0) - CONNECTIONS[plan]);
  const choose = (plan: PlanId) => (surplus(plan) > 0 ? setDownTo(plan) : switching.mutate(plan));
  return (
    <Stack gap="sm" component="section" aria-label="Plans">
      <Title order={2}>Plans</Title>
      {role === 'admin' ? null : <Text size="sm">Only an admin of the workspace can switch the plan.</Text>}
      {switching.isError ? <Failure error={switching.error} title="The plan was not switched" /> : null}
      <QueryView query={workspace} failed="The plan could not be loaded">
        {({ plan: current }) => (
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
            {PLANS.map((plan) => (
              <Card key={plan} component="article" aria-label={`Plan ${capital(plan)}`}>
                <Stack gap="sm" h="100%" justify="space-between">
                  <Stack gap={4}>
                    <Group justify="space-between" gap="xs">
                      <Title order={3}>{capital(plan)}</Title>
                      {plan === current.id ? <Badge color="green">Your plan</Badge> : null}
                    </Group>
                    <Text size="sm">{connectionsWords(plan)}</Text>
                  </Stack>
                  {role !== 'admin' || plan === current.id ? null : (
                    <Button
                      variant="default"
                      loading={switching.isPending && switching.variables === plan}
                      onClick={() => choose(plan)}
                    >
                      Switch to {capital(plan)}
                    </Button>
                  )}
                </Stack>
              </Card>
            ))}
          </SimpleGrid>
        )}
      </QueryView>
      <Modal
        opened={downTo !== null}
        onClose={() => setDownTo(null)}
        title={`Switch to ${capital(downTo ?? '')}?`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack gap="md">
          <Text>
            {capital(downTo ?? '')} allows {downTo === null ? '' : connectionsWords(downTo).toLowerCase()}.{' '}
            {counted(downTo === null ? 0 : surplus(downTo), 'connection')} will be suspended: nothing is synced there,
            what was imported stays, and a larger plan lets it catch up.
          </Text>
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={() => setDownTo(null)}>
              Keep the plan
            </Button>
            <Button
              color="red"
              loading={switching.isPending}
              onClick={() => downTo !== null && switching.mutate(downTo)}
            >
              Switch to {capital(downTo ?? '')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Stack>
  );
}

function connectionsWords(plan: PlanId): string {
  const connections = CONNECTIONS[plan];
  if (connections === Infinity) return 'Any number of ATS connections';
  return connections === 0 ? 'No ATS connection' : counted(connections, 'ATS connection');
}
