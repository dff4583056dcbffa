import { Inject, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { AtsProvider } from '../contract/ats-provider.js';
import { ProviderRegistry } from './provider-registry.js';
import { providerTokens } from './registry.providers.js';

const FeatureProviders = Symbol('FeatureProviders');

/** Providers that another module of the host brings along. */
@Module({})
export class AtsFeatureModule {
  static of(providers: readonly AtsProvider[]): DynamicModule {
    const tokens = providerTokens(providers);
    return {
      module: AtsFeatureModule,
      providers: [{ provide: FeatureProviders, useValue: providers }, ...tokens],
      exports: tokens.map(({ provide }) => provide),
    };
  }

  constructor(registry: ProviderRegistry, @Inject(FeatureProviders) providers: readonly AtsProvider[]) {
    for (const provider of providers) registry.add(provider);
  }
}
