import { z } from 'zod';
import type { AtsProvider } from '../../contract/ats-provider.js';
import type { ProviderContext } from '../../contract/context.js';
import { aJob } from '../records.js';
import { ScriptedAts } from '../scripted-ats.js';

const accountSchema = z.object({ account: z.string() });

/** An ATS behind a `GrantServer`: it names the account, which has two jobs. */
export function servedAts(id: string): AtsProvider {
  const accountOf = async ({ http }: ProviderContext<unknown>, path: string): Promise<string> =>
    accountSchema.parse((await http.request({ path })).body).account;
  const scripted = new ScriptedAts([], {
    streams: [
      {
        name: 'jobs',
        kinds: ['job'],
        modes: ['full', 'changes'],
        after: [],
        async *pages(context: ProviderContext<unknown>) {
          const account = await accountOf(context, '/jobs');
          yield { records: [aJob(`${account}-1`), aJob(`${account}-2`)], rejected: [], withheld: [], next: null };
        },
      },
    ],
    async preflight(context) {
      const accountId = await accountOf(context, '/me');
      return { accountId, accountName: accountId, authorisedBy: 'Ann', blockers: [], warnings: [] };
    },
  });
  const { provider } = scripted;
  return { ...provider, manifest: { ...provider.manifest, id, name: id } };
}
