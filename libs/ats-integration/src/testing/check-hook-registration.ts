import type { HookRegistration } from '../contract/webhooks.js';
import { webhookPartsOf } from './check-webhooks.js';
import type { ContractCheck, Subject } from './contract-check.js';
import { demand, demandEqual } from './contract-check.js';
import { demandDeclared, proveReading, proveRefusals, proveWrite } from './prove-write.js';
import type { WebhookScenario } from './scenario-parts.js';
import { respondOver } from './exchange.js';

/** Only for a provider that registers its hooks through the API. */
export const HOOK_REGISTRATION_CHECKS: readonly ContractCheck[] = [
  {
    title: 'registers a hook with one write, finds it among those of its address and removes it again',
    run: async (subject) => {
      const { registration, part } = registrationOf(subject);
      demandDeclared(subject, registration.scopes, 'registering hooks');
      const adding = { before: [], write: part.write, after: part.registeredIn };
      const registered = await proveWrite(subject, adding, 'registering a hook', (context) =>
        registration.register(context, part.hook),
      );
      demandEqual(registered, part.registered, 'a hook is registered, and its id or its secret is another one');
      const context = subject.context(respondOver(part.registeredIn, subject.scenario.account));
      const listed = await registration.list(context, part.hook.url);
      demandEqual(listed, part.listed, `other hooks than its own are listed: ${JSON.stringify(listed)}`);
      demand(
        listed.some(({ remoteId }) => remoteId === registered.remoteId),
        'a hook that was registered is not listed',
      );
      const removing = { before: part.registeredIn, write: part.removal, after: [] };
      await proveWrite(subject, removing, 'removing a hook', (work) => registration.remove(work, registered.remoteId));
    },
  },
  {
    title: 'takes a hook that is gone already for removed',
    run: async (subject) => {
      const { registration, part } = registrationOf(subject);
      const gone = { before: part.registeredIn, write: { ...part.removal, status: 404 }, after: [] };
      await proveWrite(subject, gone, 'removing a hook that is gone', (context) =>
        registration.remove(context, part.registered.remoteId),
      );
    },
  },
  {
    title: 'says of a hook that cannot be registered, listed or removed why',
    run: async (subject) => {
      const { registration, part } = registrationOf(subject);
      await proveRefusals(subject, { before: [], write: part.write }, 'registering a hook', (context) =>
        registration.register(context, part.hook),
      );
      const removal = { before: part.registeredIn, write: part.removal };
      // Gone is what was wanted, and what a removal answers is of no interest.
      await proveRefusals(
        subject,
        removal,
        'removing a hook',
        (context) => registration.remove(context, part.registered.remoteId),
        ['not-found'],
      );
      await proveReading(subject, 'listing hooks', (context) => registration.list(context, part.hook.url));
    },
  },
];

function registrationOf(subject: Subject): {
  readonly registration: HookRegistration<unknown>;
  readonly part: NonNullable<WebhookScenario['registration']>;
} {
  const { capability, scenario } = webhookPartsOf(subject);
  demand(capability.registration !== null, 'hooks are not registered through the API');
  demand(
    scenario.registration !== undefined,
    'hooks are registered through the API and the scenario has no part "webhooks.registration", so nothing proves it',
  );
  return { registration: capability.registration, part: scenario.registration };
}
