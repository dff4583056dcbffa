import type { AtsProvider } from '@elly/ats-integration/contract';
import { greenhouse } from '@elly/ats-integration/providers/greenhouse';
import { lever } from '@elly/ats-integration/providers/lever';
import type { AppConfig, ProviderClient } from '../configuration/app-config.js';

export interface AvailableProviders {
  readonly providers: readonly AtsProvider[];
  /** By provider id. */
  readonly options: Readonly<Record<string, ProviderClient>>;
  /** A sentence for each provider that was left out, naming the variable to set. */
  readonly leftOut: readonly string[];
}

/** The ATSs that this Elly may connect to: those whose client the environment names. */
export function availableProviders(config: AppConfig): AvailableProviders {
  const known = [
    { provider: greenhouse, client: config.greenhouse, variable: 'GREENHOUSE_CLIENT_ID' },
    { provider: lever, client: config.lever, variable: 'LEVER_CLIENT_ID' },
  ];
  const configured = known.flatMap(({ provider, client }) => (client === undefined ? [] : [{ provider, client }]));
  return {
    providers: configured.map(({ provider }) => provider),
    options: Object.fromEntries(configured.map(({ provider, client }) => [provider.manifest.id, client])),
    leftOut: known
      .filter(({ client }) => client === undefined)
      .map(
        ({ provider, variable }) =>
          `${provider.manifest.name} cannot be connected: set ${variable} (and its secret) to offer it.`,
      ),
  };
}
