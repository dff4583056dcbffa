import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import {
  bannerList,
  catalogue,
  connectRedirect,
  connectionDetails,
  connectionList,
  explanation,
  heldDeletions,
  planUse,
  quarantinedList,
  stageChange,
  stageMappings,
  syncRun,
  webhookHealth,
} from './ats-schemas.js';
import type { StageMappings, SyncRun } from './ats-schemas.js';
import { request } from './request.js';

const RUNNING_MS = 1_000;
const RESTING_MS = 10_000;
const none = z.unknown();

export const catalogueQuery = queryOptions({
  queryKey: ['ats', 'providers'],
  queryFn: ({ signal }) => request('GET', '/ats/providers', catalogue, { signal }),
  staleTime: Infinity,
});

export const planUseQuery = queryOptions({
  queryKey: ['ats', 'plan'],
  queryFn: ({ signal }) => request('GET', '/ats/plan', planUse, { signal }),
});

export const bannersQuery = queryOptions({
  queryKey: ['ats', 'banner'],
  queryFn: ({ signal }) => request('GET', '/ats/banner', bannerList, { signal }),
  refetchInterval: 30_000,
});

export const connectionsQuery = queryOptions({
  queryKey: ['ats', 'connections'],
  queryFn: ({ signal }) => request('GET', '/ats/connections', connectionList, { signal }),
  refetchInterval: RESTING_MS,
});

/** While a sync runs the page follows it; otherwise it looks now and then. */
export const detailsQuery = (id: string, live: boolean) =>
  queryOptions({
    queryKey: ['ats', 'connections', id, 'details'],
    queryFn: ({ signal }) => request('GET', at(id), connectionDetails, { signal }),
    refetchInterval: live ? 2 * RUNNING_MS : RESTING_MS,
  });

export const runsQuery = (id: string) =>
  queryOptions({
    queryKey: ['ats', 'connections', id, 'runs'],
    queryFn: ({ signal }) => request('GET', at(id, '/sync-runs'), z.array(syncRun), { signal }),
    refetchInterval: ({ state }) => (activeRun(state.data) === undefined ? RESTING_MS / 2 : RUNNING_MS),
  });

export const mappingsQuery = (id: string) =>
  queryOptions({
    queryKey: ['ats', 'connections', id, 'mappings'],
    queryFn: ({ signal }) => request('GET', at(id, '/stage-mappings'), stageMappings, { signal }),
    refetchInterval: RESTING_MS,
  });

export const webhooksQuery = (id: string) =>
  queryOptions({
    queryKey: ['ats', 'connections', id, 'webhooks'],
    queryFn: ({ signal }) => request('GET', at(id, '/webhooks'), webhookHealth, { signal }),
    refetchInterval: RESTING_MS,
  });

export const stageChangesQuery = (id: string) =>
  queryOptions({
    queryKey: ['ats', 'connections', id, 'stage-changes'],
    queryFn: ({ signal }) => request('GET', at(id, '/stage-changes?limit=50'), z.array(stageChange), { signal }),
    refetchInterval: RESTING_MS / 2,
  });

export const quarantinedQuery = (id: string) =>
  queryOptions({
    queryKey: ['ats', 'connections', id, 'quarantined'],
    queryFn: ({ signal }) => request('GET', at(id, '/quarantined?limit=20'), quarantinedList, { signal }),
  });

export const heldDeletionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['ats', 'connections', id, 'deletions'],
    queryFn: ({ signal }) => request('GET', at(id, '/deletions'), heldDeletions, { signal }),
  });

export function activeRun(runs: readonly SyncRun[] | undefined): SyncRun | undefined {
  return runs?.find(({ status }) => status === 'running') ?? runs?.find(({ status }) => status === 'queued');
}

/** Send the browser to `authorizeUrl`; it is null when an API key was enough. */
export function connect(provider: string, fields?: Readonly<Record<string, string>>) {
  return request('POST', '/ats/connections', connectRedirect, {
    body: { provider, ...(fields === undefined ? {} : { fields }) },
  });
}

export function reconnect(id: string, fields?: Readonly<Record<string, string>>) {
  return request('POST', at(id, '/reconnect'), connectRedirect, { body: fields === undefined ? {} : { fields } });
}

export function disconnect(id: string): Promise<unknown> {
  return request('DELETE', at(id), none);
}

export function resync(id: string): Promise<unknown> {
  return request('POST', at(id, '/sync-runs'), none);
}

export function startImport(id: string): Promise<unknown> {
  return request('POST', at(id, '/sync-runs/initial'), none);
}

export interface MappingChoice {
  readonly key: string;
  readonly jobRemoteId: string | null;
  readonly hostStageId: string;
}

export function confirmMappings(id: string, mappings: readonly MappingChoice[]): Promise<StageMappings> {
  return request('PUT', at(id, '/stage-mappings'), stageMappings, { body: { mappings } });
}

export function leaveMappingsAsTheyAre(id: string): Promise<unknown> {
  return request('POST', at(id, '/stage-mappings/reviewed'), none);
}

export function decideDeletions(id: string, kind: string, decision: 'approve' | 'reject'): Promise<unknown> {
  return request('POST', at(id, '/deletions/decision'), none, { body: { kind, decision } });
}

export function settleStageChange(id: string, changeId: string, what: 'retry' | 'cancel'): Promise<unknown> {
  return request('POST', at(id, `/stage-changes/${changeId}/${what}`), none, { body: {} });
}

export function exchangeSecret(id: string, given: { readonly event?: string; readonly secret?: string }) {
  return request('POST', at(id, '/webhooks/secrets'), z.object({ secret: z.string().nullable() }), { body: given });
}

export function explain(id: string, question: Readonly<Record<string, string>>, signal: AbortSignal) {
  return request('GET', at(id, `/explain?${new URLSearchParams(question)}`), explanation, { signal });
}

function at(id: string, rest = ''): string {
  return `/ats/connections/${id}${rest}`;
}
