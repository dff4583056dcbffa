import { Button, Card, Center, Stack, Text, TextInput, Title, UnstyledButton } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { signIn } from '../api/elly.js';
import { Failure } from '../states/failure.js';
import { useTitle } from '../shell/use-title.js';
import { returnTarget } from './return-target.js';
import classes from './sign-in-page.module.css';

/** Whom the seed puts into the workspace Acme. */
const PEOPLE = [
  { email: 'ada@acme.example', name: 'Ada', about: 'Admin of Acme: connects ATSs, maps stages, switches the plan' },
  { email: 'rae@acme.example', name: 'Rae', about: 'Recruiter at Acme: sees everything, changes no settings' },
] as const;

/** A stand-in for a real sign-in: development only, nobody is asked for a password. */
export function SignInPage() {
  useTitle('Sign in');
  const [search] = useSearchParams();
  const [email, setEmail] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const entering = useMutation({
    mutationFn: signIn,
    onSuccess: (session) => {
      // Whatever was loaded for somebody else is not shown to this one.
      client.clear();
      client.setQueryData(['session'], session);
      void navigate(returnTarget(search.get('to')), { replace: true });
    },
  });
  return (
    <Center mih="100vh" p="md" component="main">
      <Card w="100%" maw="26rem" padding="xl">
        <Stack gap="lg">
          <Stack gap={4}>
            <Title order={1}>Sign in to Elly</Title>
            <Text c="dimmed">This is a demo: choose who you want to be. There is no password.</Text>
          </Stack>
          {entering.isError ? <Failure error={entering.error} title="You are not signed in" /> : null}
          <Stack gap="sm">
            {PEOPLE.map((person) => (
              <UnstyledButton
                key={person.email}
                className={classes.person ?? ''}
                disabled={entering.isPending}
                onClick={() => entering.mutate(person.email)}
              >
                <Text fw={650}>{person.name}</Text>
                <Text size="sm" c="dimmed">
                  {person.about}
                </Text>
              </UnstyledButton>
            ))}
          </Stack>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              entering.mutate(email.trim());
            }}
          >
            <Stack gap="xs">
              <TextInput
                label="Somebody else"
                placeholder="name@company.example"
                type="email"
                autoComplete="username"
                value={email}
                onChange={(event) => setEmail(event.currentTarget.value)}
              />
              <Button
                type="submit"
                variant="default"
                disabled={email.trim() === ''}
                loading={entering.isPending && entering.variables === email.trim()}
              >
                Sign in
              </Button>
            </Stack>
          </form>
        </Stack>
      </Card>
    </Center>
  );
}
