import { Center, Container } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Navigate, useLocation } from 'react-router';
import { sessionQuery } from '../api/elly.js';
import { Failure } from '../states/failure.js';
import { Loading } from '../states/loading.js';
import { SessionContext } from './use-session.js';

/** Its children are for who is signed in; everybody else goes to the sign-in page and comes back. */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const session = useQuery(sessionQuery);
  const { pathname, search } = useLocation();
  if (session.data === null) return <Navigate to={`/sign-in?to=${encodeURIComponent(pathname + search)}`} replace />;
  if (session.data !== undefined) return <SessionContext value={session.data}>{children}</SessionContext>;
  return (
    <Center mih="100vh" component="main">
      <Container w="100%" size="xs">
        {session.isError ? (
          <Failure error={session.error} title="Elly cannot tell who you are" onRetry={() => void session.refetch()} />
        ) : (
          <Loading what="Elly looks who you are" />
        )}
      </Container>
    </Center>
  );
}
