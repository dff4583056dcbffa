import type { Clock } from '../server/sandbox-clock.js';
import type { AccountWebhooks, HookView } from '../webhooks/account-webhooks.js';
import { DEFAULT_WEBHOOK_KNOBS } from '../webhooks/webhook-knobs.js';
import { WebhookOutbox } from '../webhooks/webhook-outbox.js';

/** Webhooks of no vendor: unsigned, delivered by 200 alone, tried twice with an hour between. */
export function fakeWebhooks(clock: Clock): AccountWebhooks {
  const hooks = new Map<string, HookView>();
  const now = (): number => clock.now().getTime();
  const rules = {
    seed: 1,
    urlOf: (hook: string) => hooks.get(hook)?.url,
    gapsMs: () => [3_600_000],
    succeeded: (status: number) => status === 200,
    render: ({ hook, payload }: { readonly hook: string; readonly payload: object }) => {
      const found = hooks.get(hook);
      return found && { url: found.url, headers: {}, body: JSON.stringify(payload) };
    },
  };
  const outbox = new WebhookOutbox(rules, now, () => ({ ...DEFAULT_WEBHOOK_KNOBS, delivery: 'manual' }));
  const find = (id: string): HookView => {
    const hook = hooks.get(id);
    if (hook === undefined) throw new Error(`There is no webhook ${id}.`);
    return hook;
  };
  const put = (hook: HookView): HookView => {
    hooks.set(hook.id, hook);
    return hook;
  };
  return {
    outbox,
    list: () => [...hooks.values()],
    add: async ({ event, url, secret }) =>
      put({ id: `hook-${hooks.size + 1}`, event, url, secret: secret ?? null, active: true, madeBy: 'hand' }),
    change: async (id, { active }) => put({ ...find(id), active: active ?? true }),
    remove: (id) => void hooks.delete(find(id).id),
    test: (id) => outbox.sendNow({ hook: find(id).id, event: 'test', payload: {}, at: now() }),
    toggle: () => {
      throw new Error('There is nothing to toggle.');
    },
    kept: () => ({}),
    restore: () => undefined,
  };
}
