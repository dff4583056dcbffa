import { ProviderFault } from '../contract/fault.js';
import type { ContractCheck, Subject } from './contract-check.js';
import { demand } from './contract-check.js';
import type { Responder } from './provider-context.js';
import { respondFrom } from './exchange.js';

export const PREFLIGHT_CHECKS: readonly ContractCheck[] = [
  {
    title: 'lets an account through in which nothing is missing',
    run: async (subject) => {
      const profile = await preflight(subject, respondFrom(subject.scenario.account));
      demand(profile.blockers.length === 0, `a good account is stopped: ${profile.blockers.join(' ')}`);
    },
  },
  {
    title: 'stops an account that may see nothing, with a sentence',
    run: async (subject) => {
      const work = preflight(subject, () => ({ status: 403 }));
      const blockers = await work.then(
        (profile) => profile.blockers,
        (error: unknown) => {
          if (error instanceof ProviderFault && error.code === 'forbidden-scope') return [error.message];
          throw error;
        },
      );
      demand(blockers.length > 0, 'an account to which everything is refused is let through');
      demand(
        blockers.every((sentence) => /^[\p{Lu}].*\.$/su.test(sentence)),
        'a blocker is no sentence',
      );
    },
  },
];

function preflight({ provider, scenario, context }: Subject, respond: Responder) {
  const work = context(respond);
  const requestedScopes = provider.auth.kind === 'oauth2' ? provider.auth.scopes(work.config) : [];
  return provider.preflight(work, { accessToken: scenario.accessToken ?? 'opaque', requestedScopes });
}
