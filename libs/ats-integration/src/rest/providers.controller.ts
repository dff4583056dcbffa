import { Controller, Get, UseFilters, UseGuards } from '@nestjs/common';
import type { ApiKeyField } from '../contract/auth.js';
import type { FieldTable } from '../contract/fields.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { TenantGuard } from './tenant.guard.js';

export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  /** `oauth2`: the browser is sent to the ATS. `api-key`: a form is filled in. */
  readonly connectBy: 'oauth2' | 'api-key';
  /** The form to fill in for `api-key`; empty otherwise. */
  readonly keyForm: readonly ApiKeyField[];
  readonly fields: FieldTable;
  readonly openJobStatuses: readonly string[];
  readonly documentation: string;
}

/** The catalogue: which ATSs can be connected and what each can do. */
@Controller('providers')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class ProvidersController {
  constructor(private readonly registry: ProviderRegistry) {}

  @Get()
  list(): CatalogueEntry[] {
    return this.registry.all().map(({ provider: { manifest } }) => ({
      id: manifest.id,
      name: manifest.name,
      summary: manifest.summary,
      connectBy: manifest.auth.kind,
      keyForm: manifest.auth.kind === 'api-key' ? manifest.auth.fields : [],
      fields: manifest.fields,
      openJobStatuses: manifest.openJobStatuses,
      documentation: manifest.documentation.api,
    }));
  }
}
