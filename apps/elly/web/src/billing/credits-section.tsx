import { Button, Group, NumberInput, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { buyCredits, ledgerPage } from '../api/elly.js';
import { useSession } from '../session/use-session.js';
import { Failure } from '../states/failure.js';
import { Loading } from '../states/loading.js';
import { Section } from '../states/section.js';
import { Moment } from '../words/moment.js';
import { counted } from '../words/numbers.js';

const KINDS: Readonly<Record<string, string>> = {
  grant: 'Added',
  reserve: 'Set aside',
  commit: 'Spent',
  release: 'Given back',
};

/** The balance and every change of it. */
export function CreditsSection() {
  const { role } = useSession();
  const ledger = useInfiniteQuery({
    queryKey: ['ledger'],
    queryFn: ({ pageParam, signal }) => ledgerPage(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const entries = ledger.data?.pages.flatMap((page) => page.entries) ?? [];
  const balance = ledger.data?.pages[0]?.balance;
  return (
    <Section
      title="Credits"
      about="A connect sets a credit aside; it is spent when the connection is made and given back when it is not."
      actions={balance === undefined ? null : <Text fw={650}>{counted(balance, 'credit')} left</Text>}
    >
      {role === 'admin' ? <Buy /> : null}
      {ledger.isPending ? <Loading /> : null}
      {ledger.isError ? (
        <Failure error={ledger.error} title="The ledger could not be loaded" onRetry={() => void ledger.refetch()} />
      ) : null}
      {ledger.data === undefined ? null : (
        <Table.ScrollContainer minWidth={480}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>When</Table.Th>
                <Table.Th>What</Table.Th>
                <Table.Th>Why</Table.Th>
                <Table.Th ta="right">Credits</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {entries.map(({ id, kind, credits, reason, createdAt }) => (
                <Table.Tr key={id}>
                  <Table.Td>
                    <Moment at={createdAt} />
                  </Table.Td>
                  <Table.Td>{KINDS[kind] ?? kind}</Table.Td>
                  <Table.Td>{reason}</Table.Td>
                  <Table.Td ta="right" className="numbers">
                    {credits > 0 ? `+${credits}` : credits === 0 ? '–' : `−${-credits}`}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {ledger.hasNextPage ? (
        <Button variant="default" loading={ledger.isFetchingNextPage} onClick={() => void ledger.fetchNextPage()}>
          Show earlier entries
        </Button>
      ) : null}
    </Section>
  );
}

function Buy() {
  const [amount, setAmount] = useState<number | string>(5);
  const client = useQueryClient();
  const buying = useMutation({ mutationFn: buyCredits, onSuccess: () => client.invalidateQueries() });
  const credits = typeof amount === 'number' ? amount : 0;
  return (
    <Stack gap="xs">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          buying.mutate(credits);
        }}
      >
        <Group gap="sm" align="flex-end">
          <NumberInput
            label="Credits to buy"
            description="A demo: nobody pays."
            min={1}
            max={1000}
            allowDecimal={false}
            value={amount}
            onChange={setAmount}
            w="10rem"
          />
          <Button type="submit" loading={buying.isPending} disabled={credits < 1 || credits > 1000}>
            Buy {credits < 1 ? 'credits' : counted(credits, 'credit')}
          </Button>
        </Group>
      </form>
      {buying.isError ? <Failure error={buying.error} title="Nothing was bought" /> : null}
    </Stack>
  );
}
