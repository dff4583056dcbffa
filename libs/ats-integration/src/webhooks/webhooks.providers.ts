import type { Provider } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { AtsOptions } from '../support/options-token.js';
import { HookAddress } from './hook-address.js';
import { HookAdmin } from './hook-admin.js';
import { HookHealth } from './hook-health.js';
import { HookSetup } from './hook-setup.js';
import { WebhookCare } from './webhook-care.js';
import { WebhookIntake } from './webhook-intake.js';

/** `mount`: where our routes are below the host's global prefix; null: there are none in this process. */
export function webhookProviders(mount: string | null): Provider[] {
  return [
    WebhookIntake,
    WebhookCare,
    HookSetup,
    HookHealth,
    HookAdmin,
    {
      provide: HookAddress,
      useFactory: ({ publicUrl }: AtsIntegrationOptions, app: ApplicationConfig) =>
        new HookAddress(publicUrl, mount, () => app.getGlobalPrefix()),
      inject: [AtsOptions, ApplicationConfig],
    },
  ];
}
