import type { DomainEvent } from '@elly/ats-integration';
import { Get, Query } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { CurrentSession } from '../session/current-session.decorator.js';
import type { Session } from '../session/session.js';
import { WorkspaceController } from '../session/workspace-controller.decorator.js';
import { RecentActivity } from './recent-activity.js';

const activityQuery = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) });
type ActivityQuery = z.output<typeof activityQuery>;

const activityView = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      provider: z.string(),
      connectionId: z.string(),
      occurredAt: z.iso.datetime(),
      /** What the type says besides; lists of records are counted, not listed. */
      details: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ),
});
type ActivityView = z.output<typeof activityView>;

@WorkspaceController('activity', 'activity')
export class ActivityController {
  constructor(private readonly activity: RecentActivity) {}

  @Get()
  @ApiOkResponse({ description: 'What the integrations did lately, newest first', standardSchema: activityView })
  recent(@CurrentSession() session: Session, @Query({ schema: activityQuery }) query: ActivityQuery): ActivityView {
    return { items: this.activity.of(session.workspaceId, query.limit).map(view) };
  }
}

function view({ id, provider, connectionId, occurredAt, body }: DomainEvent): ActivityView['items'][number] {
  const { type, ...rest } = body;
  const details = Object.fromEntries(
    Object.entries(rest as Readonly<Record<string, string | readonly string[]>>).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.length,
    ]),
  );
  return { id, type, provider, connectionId, occurredAt: occurredAt.toISOString(), details };
}
