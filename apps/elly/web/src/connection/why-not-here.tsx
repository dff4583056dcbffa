import { Alert, Button, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { explain } from '../api/ats.js';
import { Failure } from '../states/failure.js';
import { Loading } from '../states/loading.js';
import { Section } from '../states/section.js';

const KINDS = [
  { value: 'candidate', label: 'Candidate' },
  { value: 'application', label: 'Application' },
  { value: 'job', label: 'Job' },
];

/** "Why is … not here?": by e-mail address or by id in the ATS. */
export function WhyNotHere({ connectionId, ats }: { readonly connectionId: string; readonly ats: string }) {
  const [kind, setKind] = useState('candidate');
  const [wanted, setWanted] = useState('');
  const [asked, setAsked] = useState<Readonly<Record<string, string>> | null>(null);
  const answer = useQuery({
    queryKey: ['ats', 'connections', connectionId, 'explain', asked],
    queryFn: ({ signal }) => explain(connectionId, asked ?? {}, signal),
    enabled: asked !== null,
    staleTime: 0,
    retry: false,
  });
  return (
    <Section title="Why is … not here?" about={`Somebody or something that is in ${ats} and not in Elly: ask.`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(questionOf(kind, wanted.trim()));
          void (answer.isFetched && answer.refetch());
        }}
      >
        <Group gap="sm" align="flex-end">
          <NativeSelect
            label="What"
            data={KINDS}
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value)}
          />
          <TextInput
            label={kind === 'candidate' ? `E-mail address, or id in ${ats}` : `Id in ${ats}`}
            style={{ flex: '1 1 14rem' }}
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
          <Button type="submit" disabled={wanted.trim() === ''} loading={answer.isFetching}>
            Ask
          </Button>
        </Group>
      </form>
      {answer.isLoading ? <Loading lines={2} /> : null}
      {answer.isError ? <Failure error={answer.error} title="There is no answer" /> : null}
      {answer.data === undefined ? null : (
        <Alert color={answer.data.reason === 'here' ? 'green' : 'blue'} title={answer.data.message} role="status">
          {answer.data.whatToDo === null ? null : <Text size="sm">{answer.data.whatToDo}</Text>}
        </Alert>
      )}
    </Section>
  );
}

function questionOf(kind: string, wanted: string): Readonly<Record<string, string>> {
  return kind === 'candidate' && wanted.includes('@') ? { email: wanted } : { remoteId: wanted, kind };
}
