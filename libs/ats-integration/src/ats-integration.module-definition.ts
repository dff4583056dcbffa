import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { CanActivate, DynamicModule, Provider, Type } from '@nestjs/common';
import type { AtsIntegrationOptionsInput } from './ats-integration.options.js';
import type { AtsProvider } from './contract/ats-provider.js';
import type { EventPublisher } from './events/event-publisher.port.js';
import type { FileStore } from './host/file-store.port.js';
import type { HiringPipeline } from './host/hiring-pipeline.port.js';
import type { TenantResolver } from './host/tenant-resolver.port.js';
import type { CreditLedger } from './plan/credit-ledger.port.js';
import type { PlanLimits } from './plan/plan-limits.port.js';

/** A class that the library instantiates (its dependencies come from `imports`), or the body of a Nest provider. */
export type PortImplementation<Port> =
  | Type<Port>
  | { readonly useExisting: Type<Port> | symbol | string }
  | { readonly useClass: Type<Port> }
  | { readonly useValue: Port }
  | {
      readonly useFactory: (...dependencies: never[]) => Port | Promise<Port>;
      readonly inject?: readonly (Type | symbol | string)[];
    };

/** What the host gives; each has a default. */
export interface AtsPorts {
  readonly tenantResolver?: PortImplementation<TenantResolver>;
  readonly planLimits?: PortImplementation<PlanLimits>;
  readonly creditLedger?: PortImplementation<CreditLedger>;
  readonly hiringPipeline?: PortImplementation<HiringPipeline>;
  readonly eventPublisher?: PortImplementation<EventPublisher>;
  readonly fileStore?: PortImplementation<FileStore>;
}

export interface AtsHttp {
  /** Where the routes are mounted, below the host's global prefix. */
  readonly path: string;
  /** The host's guards, before ours. Their dependencies come from `imports`. */
  readonly guards?: readonly Type<CanActivate>[];
}

/** What shapes the container; known when the module is declared. */
export interface AtsIntegrationExtras {
  /** ATSs that can be connected. */
  readonly providers?: readonly AtsProvider[];
  /** `inProcessQueue()` (the default) or `bullQueue({ url })`. */
  readonly queue?: DynamicModule | undefined;
  readonly ports?: AtsPorts;
  /** Mounts the REST routes; absent: there are none. */
  readonly http?: AtsHttp | undefined;
}

/** Provider bodies may be shared by hosts that build them in functions. */
export type { Provider };

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<AtsIntegrationOptionsInput>({ moduleName: 'AtsIntegration' })
    .setClassMethodName('forRoot')
    // What has a key here is an extra; the builder takes every other key for an option.
    .setExtras<AtsIntegrationExtras>(
      { providers: [], queue: undefined, ports: {}, http: undefined },
      (definition) => definition,
    )
    .build();
