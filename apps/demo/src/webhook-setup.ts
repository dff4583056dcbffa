import { setTimeout as sleep } from 'node:timers/promises';
import type { EllyClient } from './elly-client.js';
import type { SandboxClient } from './sandbox-client.js';

interface Webhooks {
  readonly status: string;
  readonly how: 'api' | 'manual' | null;
  readonly url: string | null;
  readonly events: readonly { readonly event: string; readonly hasSecret: boolean }[];
}

const LONG_ENOUGH_MS = 120_000;
const POLL_MS = 200;

/** What an admin of the ATS does: where Elly registers its webhooks itself they are turned on, elsewhere they are added by hand. */
export async function turnWebhooksOn(
  provider: string,
  accountId: string,
  connection: string,
  elly: EllyClient,
  sandbox: SandboxClient,
): Promise<void> {
  const path = `/api/ats/connections/${connection}/webhooks`;
  const view = await registered(() => elly.get<Webhooks>(path));
  if (view.how === 'api') {
    // Lever's webhooks, whoever registered them, deliver what a Super Admin turned on.
    if (provider === 'lever') await sandbox.turnEventsOn(accountId);
    return;
  }
  const { secret } = await elly.send<{ secret: string | null }>('POST', `${path}/secrets`, {});
  if (view.url === null || secret === null) throw new Error(`${provider} has no webhooks that could be added by hand.`);
  for (const { event } of view.events) await sandbox.addWebhook(accountId, { event, url: view.url, secret });
}

async function registered(look: () => Promise<Webhooks>): Promise<Webhooks> {
  const until = Date.now() + LONG_ENOUGH_MS;
  for (;;) {
    const view = await look();
    if (view.how === 'manual' || (view.how === 'api' && view.events.every(({ hasSecret }) => hasSecret))) return view;
    if (Date.now() > until) throw new Error(`The webhooks were not set up in time; they are ${view.status}.`);
    await sleep(POLL_MS);
  }
}
