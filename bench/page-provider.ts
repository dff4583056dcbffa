import { defineProvider } from '@elly/ats-integration/contract';
import type { AtsProvider, CandidateRecord } from '@elly/ats-integration/contract';
import { z } from 'zod';

/** An ATS without a network: hands out pages that were made before, so that what is measured is ours. */
export function pageProvider(pages: () => readonly (readonly CandidateRecord[])[]): AtsProvider {
  return defineProvider({
    manifest: {
      id: 'pages',
      name: 'Pages',
      summary: 'Prepared pages',
      documentation: { api: 'https://pages.example', authorisation: 'https://pages.example' },
      checkedOn: '2026-11-23',
      auth: { kind: 'api-key', fields: [] },
      rateLimit: { algorithm: 'token-bucket', capacity: 1000, refillPerSecond: 500 },
      kinds: { candidate: { deletions: 'none' } },
      fields: {},
      stagesBelongTo: 'account',
      openJobStatuses: ['open'],
      incremental: { overlapSeconds: 0, lagSeconds: 0 },
      fileHosts: [],
    },
    config: z.strictObject({}),
    apiUrl: () => 'https://pages.example',
    authUrl: () => 'https://pages.example',
    auth: { kind: 'api-key', authorisation: () => ({ name: 'authorization', value: 'none' }) },
    streams: [
      {
        name: 'candidates',
        kinds: ['candidate'],
        modes: ['full'],
        after: [],
        async *pages(_context, _request, cursor) {
          const all = pages();
          for (let index = typeof cursor === 'number' ? cursor : 0; index < all.length; index += 1) {
            yield {
              records: all[index] ?? [],
              rejected: [],
              withheld: [],
              next: index + 1 < all.length ? index + 1 : null,
            };
          }
        },
      },
    ],
    preflight: () =>
      Promise.resolve({ accountId: null, accountName: null, authorisedBy: null, blockers: [], warnings: [] }),
  });
}
