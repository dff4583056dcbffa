import type { FactoryProvider, ValueProvider } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import type { AtsProvider } from '../contract/ats-provider.js';
import { AtsOptions } from '../support/options-token.js';
import { ProviderRegistry } from './provider-registry.js';
import { getAtsProviderToken } from './provider.tokens.js';

/** The registry with the root's providers; `forFeature` modules add theirs before the host's bootstrap ends. */
export function registryProvider(providers: readonly AtsProvider[]): FactoryProvider<ProviderRegistry> {
  return {
    provide: ProviderRegistry,
    useFactory: (options: AtsIntegrationOptions) => {
      const registry = new ProviderRegistry(options.providerOptions);
      for (const provider of providers) registry.add(provider);
      return registry;
    },
    inject: [AtsOptions],
  };
}

export function providerTokens(providers: readonly AtsProvider[]): ValueProvider<AtsProvider>[] {
  return providers.map((provider) => ({ provide: getAtsProviderToken(provider.manifest.id), useValue: provider }));
}
