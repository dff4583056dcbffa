import { Controller, Get, Param, ParseUUIDPipe, Query, UseFilters, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { RECORD_KINDS } from '../contract/records.js';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { Explain } from '../insight/explain/explain.js';
import type { ExplainQuestion, Explanation } from '../insight/explain/explanation.js';
import { ImportPreview } from '../insight/preview/import-preview.js';
import type { ImportPreviewReport } from '../insight/preview/preview-report.js';
import { AtsError } from '../support/ats-error.js';
import { parseInput } from './parse-body.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

const explainQuery = z.object({
  email: z.string().trim().min(1).max(320).optional(),
  remoteId: z.string().min(1).max(256).optional(),
  kind: z.enum(RECORD_KINDS).optional(),
});

/** What would come in, and why something did not. */
@Controller('connections/:connectionId')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class InsightController {
  constructor(
    private readonly previews: ImportPreview,
    private readonly explanations: Explain,
  ) {}

  /** Asks the ATS, within an allowance; writes nothing. */
  @Get('import-preview')
  preview(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
  ): Promise<ImportPreviewReport> {
    return this.previews.preview(tenant.workspaceId, id);
  }

  /** By e-mail address or by id in the ATS; asks the ATS once when nothing is known of the id. */
  @Get('explain')
  explain(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Query({ schema: explainQuery }) query: unknown,
  ): Promise<Explanation> {
    return this.explanations.explain(tenant.workspaceId, id, questionOf(parseInput(explainQuery, query)));
  }
}

function questionOf({ email, remoteId, kind }: z.output<typeof explainQuery>): ExplainQuestion {
  if (email !== undefined && remoteId === undefined && (kind ?? 'candidate') === 'candidate') return { email };
  if (remoteId !== undefined && email === undefined) return { remoteId, kind };
  throw new AtsError(
    'invalid-request',
    'Ask with either the "email" of a candidate or the "remoteId" of a record, and with "kind" for an id that is not a candidate\'s.',
  );
}
