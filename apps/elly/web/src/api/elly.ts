import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { ApiProblem } from './api-problem.js';
import { request } from './request.js';

// The host's own routes: who is signed in, the workspace, its plan and credits.
export const PLANS = ['free', 'starter', 'growth', 'enterprise'] as const;
export type PlanId = (typeof PLANS)[number];

const session = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(['admin', 'recruiter']),
});
export type Session = z.output<typeof session>;

const workspace = z.object({
  name: z.string(),
  plan: z.object({ id: z.enum(PLANS), name: z.string(), connections: z.union([z.number(), z.literal('unlimited')]) }),
  credits: z.number(),
});

const ledger = z.object({
  balance: z.number(),
  entries: z.array(
    z.object({ id: z.string(), kind: z.string(), credits: z.number(), reason: z.string(), createdAt: z.string() }),
  ),
  next: z.string().nullable(),
});
export type Ledger = z.output<typeof ledger>;

/** Null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await request('GET', '/session', session, { signal });
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const workspaceQuery = queryOptions({
  queryKey: ['workspace'],
  queryFn: ({ signal }) => request('GET', '/workspace', workspace, { signal }),
});

export function signIn(user: string): Promise<Session> {
  return request('POST', '/session', session, { body: { user } });
}

export function signOut(): Promise<unknown> {
  return request('DELETE', '/session', z.unknown());
}

export function switchPlan(plan: PlanId): Promise<unknown> {
  return request('PUT', '/workspace/plan', workspace, { body: { plan } });
}

export function ledgerPage(cursor: string | null, signal?: AbortSignal): Promise<Ledger> {
  const query = new URLSearchParams({ limit: '20', ...(cursor === null ? {} : { cursor }) });
  return request('GET', `/workspace/credits?${query}`, ledger, signal === undefined ? {} : { signal });
}

export function buyCredits(credits: number): Promise<unknown> {
  return request('POST', '/workspace/credits', ledger, { body: { credits } });
}
