import type { OnModuleInit } from '@nestjs/common';
import type { AtsHttp, AtsPorts } from './ats-integration.module-definition.js';
import type { AtsIntegrationOptions } from './ats-integration.options.js';
import { AtsError } from './support/ats-error.js';

/** What only the whole module shows to be wrong: refuses the start, with the way to mend it. */
export class BootCheck implements OnModuleInit {
  constructor(
    private readonly options: AtsIntegrationOptions,
    private readonly ports: AtsPorts,
    private readonly http: AtsHttp | undefined,
  ) {}

  onModuleInit(): void {
    if (this.options.allowInsecureHosts) return;
    if (this.http !== undefined && this.ports.tenantResolver === undefined) {
      throw new AtsError(
        'tenant-resolver-missing',
        'The ATS routes are mounted without a TenantResolver: anybody could name any workspace. Give `ports.tenantResolver`; only with `allowInsecureHosts: true` (development) may it be absent.',
      );
    }
    if (!this.options.publicUrl.startsWith('https://')) {
      throw new AtsError(
        'public-url-insecure',
        '`publicUrl` must be https: sign-ins come back to it. Only with `allowInsecureHosts: true` (development) may it be http.',
      );
    }
  }
}
