import { Alert } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { ApiProblem } from '../api/api-problem.js';

/** Over every page while Elly cannot be reached: what is shown is what was true before. */
export function OfflineNotice() {
  const client = useQueryClient();
  const { online } = useNetwork();
  // Looks again whenever a request begins or ends.
  useIsFetching();
  const failures = client
    .getQueryCache()
    .findAll({ type: 'active' })
    .map(({ state }) => state.error);
  if (online && !failures.some((error) => error instanceof ApiProblem && error.code === 'offline')) return null;
  return (
    <Alert color="yellow" title="You are offline" role="status">
      Elly cannot be reached. What you see is what it was before; the page goes on by itself.
    </Alert>
  );
}
