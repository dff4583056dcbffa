import { randomUUID } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import { CurrentSession } from '../session/current-session.decorator.js';
import { AdminOnly } from '../session/session.guard.js';
import type { Session } from '../session/session.js';
import { WorkspaceController } from '../session/workspace-controller.decorator.js';
import { Workspace } from '../workspaces/workspace.entity.js';
import type { BuyCreditsBody, CreditsView, LedgerQuery } from './billing.schemas.js';
import { buyCreditsBody, creditsView, ledgerQuery } from './billing.schemas.js';
import { CreditEntry } from './credit-entry.entity.js';
import { Credits } from './credits.js';

@WorkspaceController('workspace/credits', 'billing')
export class BillingController {
  constructor(
    private readonly em: EntityManager,
    private readonly credits: Credits,
  ) {}

  @Get()
  @ApiOkResponse({ description: 'The balance and the ledger', standardSchema: creditsView })
  async ledger(
    @CurrentSession() session: Session,
    @Query({ schema: ledgerQuery }) query: LedgerQuery,
  ): Promise<CreditsView> {
    const { credits } = await this.em.findOneOrFail(Workspace, session.workspaceId);
    const where = {
      workspaceId: session.workspaceId,
      ...(query.cursor === undefined ? {} : { id: { $lt: query.cursor } }),
    };
    const rows = await this.em.find(CreditEntry, where, { orderBy: { id: 'desc' }, limit: query.limit + 1 });
    const kept = rows.slice(0, query.limit);
    return {
      balance: credits,
      entries: kept.map(({ id, kind, credits: change, reason, createdAt }) => ({
        id,
        kind,
        credits: change,
        reason,
        createdAt: createdAt.toISOString(),
      })),
      next: rows.length > query.limit ? (kept.at(-1)?.id ?? null) : null,
    };
  }

  @Post()
  @AdminOnly(true)
  @ApiCreatedResponse({ description: 'Buys credits; a demo, nobody pays', standardSchema: creditsView })
  async buy(
    @CurrentSession() session: Session,
    @Body({ schema: buyCreditsBody }) body: BuyCreditsBody,
  ): Promise<CreditsView> {
    await this.credits.grant(`purchase:${randomUUID()}`, {
      workspaceId: session.workspaceId,
      credits: body.credits,
      reason: 'Credits bought',
    });
    return this.ledger(session, { limit: 50 });
  }
}
