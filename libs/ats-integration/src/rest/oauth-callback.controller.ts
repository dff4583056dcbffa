import { Controller, Get, Inject, Logger, Param, Query, Redirect, Req, UseFilters, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { ConnectFlow } from '../connect/connect-flow.js';
import { ProviderFault } from '../contract/fault.js';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { AtsOptions } from '../support/options-token.js';
import type { RoutedRequest } from './callback-path.js';
import { CallbackPrivacyGuard } from './callback-privacy.guard.js';
import { parseInput } from './parse-body.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { SignInCookie } from './sign-in-cookie.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

const callbackQuery = z.object({
  state: z.string().min(1).max(512),
  code: z.string().min(1).max(4096).optional(),
  error: z.string().max(256).optional(),
  iss: z.string().max(2048).optional(),
});

const UNEXPECTED =
  'Something went wrong while the ATS was being connected. See in Settings → Integrations whether it is connected; if it is not, connect it again. If that happens again, tell your administrator when it happened.';

/** Where the ATS sends the browser back to, one address for each provider. Ends on the host's own settings page, whatever came of it; only who has no session is answered by the host's guards. */
@Controller('oauth/callback')
@UseGuards(CallbackPrivacyGuard, TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class OAuthCallbackController {
  readonly #logger = new Logger('AtsConnect');
  readonly #cookie: SignInCookie;

  constructor(
    private readonly flow: ConnectFlow,
    private readonly registry: ProviderRegistry,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {
    this.#cookie = new SignInCookie(options.publicUrl);
  }

  @Get(':provider')
  @Redirect()
  async callback(
    @CurrentTenant() tenant: Tenant,
    @Param('provider') provider: string,
    @Req() request: RoutedRequest,
    @Query() query: unknown,
  ): Promise<{ readonly url: string; readonly statusCode: 302 }> {
    try {
      const person = { ...tenant, browser: this.#cookie.read(request.headers) };
      const connection = await this.flow.finish(person, provider, parseInput(callbackQuery, query));
      return this.#back({ connection });
    } catch (error) {
      // The address is whoever's who made the link: only a name that we know gets into the log.
      const ats = this.registry.has(provider) ? provider : 'an unknown ATS';
      const about = `A connect of ${ats} in workspace ${tenant.workspaceId}`;
      if (error instanceof AtsError || error instanceof ProviderFault) {
        this.#logger.warn(`${about} came to nothing: ${error.message}`);
        const connectionId = error instanceof AtsError ? error.details.connectionId : undefined;
        return this.#back({
          error: error.code,
          message: error.message,
          ...(typeof connectionId === 'string' ? { connectionId } : {}),
        });
      }
      // What it says may hold whatever it failed on.
      this.#logger.error(`${about} ended in an error that was not foreseen: ${nameOf(error)}.`);
      return this.#back({ error: 'unexpected', message: UNEXPECTED });
    }
  }

  #back(parameters: Readonly<Record<string, string>>): { readonly url: string; readonly statusCode: 302 } {
    const url = new URL(this.options.returnPath, this.options.publicUrl);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { url: url.href, statusCode: 302 };
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
