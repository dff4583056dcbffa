import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure } from './failure.js';
import { Loading } from './loading.js';

interface QueryViewProps<Data> {
  readonly query: UseQueryResult<Data>;
  /** What could not be loaded, for the heading of an error: "The run history could not be loaded". */
  readonly failed: string;
  readonly lines?: number;
  readonly children: (data: Data) => ReactNode;
}

/** Loading, error or the thing itself. What was loaded before stays while a later look fails: the shell says that Elly is offline. */
export function QueryView<Data>({ query, failed, lines, children }: QueryViewProps<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Failure error={query.error} title={failed} onRetry={() => void query.refetch()} />;
  return <Loading {...(lines === undefined ? {} : { lines })} />;
}
