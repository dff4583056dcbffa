import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Get, Put } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { ApiOkResponse } from '@nestjs/swagger';
import { CurrentSession } from '../session/current-session.decorator.js';
import { AdminOnly } from '../session/session.guard.js';
import type { Session } from '../session/session.js';
import { WorkspaceController } from '../session/workspace-controller.decorator.js';
import { PLAN_CHANGED } from './plan-changed.js';
import type { PlanChanged } from './plan-changed.js';
import { PLAN_NAMES, connectionsOf } from './plan.js';
import { Workspace } from './workspace.entity.js';
import type { PutPlanBody, WorkspaceView } from './workspace.schemas.js';
import { putPlanBody, workspaceView } from './workspace.schemas.js';

@WorkspaceController('workspace', 'workspace')
export class WorkspacesController {
  constructor(
    private readonly em: EntityManager,
    private readonly emitter: EventEmitter2,
  ) {}

  @Get()
  @ApiOkResponse({ description: 'The workspace of the signed-in user', standardSchema: workspaceView })
  async current(@CurrentSession() session: Session): Promise<WorkspaceView> {
    return view(await this.em.findOneOrFail(Workspace, session.workspaceId));
  }

  @Put('plan')
  @AdminOnly(true)
  @ApiOkResponse({ description: 'Switches the plan; a demo, nobody pays', standardSchema: workspaceView })
  async putPlan(
    @CurrentSession() session: Session,
    @Body({ schema: putPlanBody }) body: PutPlanBody,
  ): Promise<WorkspaceView> {
    const workspace = await this.em.findOneOrFail(Workspace, session.workspaceId);
    workspace.plan = body.plan;
    await this.em.flush();
    await this.emitter.emitAsync(PLAN_CHANGED, { workspaceId: workspace.id } satisfies PlanChanged);
    return view(workspace);
  }
}

function view({ id, name, plan, credits, createdAt }: Workspace): WorkspaceView {
  return {
    id,
    name,
    plan: { id: plan, name: PLAN_NAMES[plan], connections: connectionsOf(plan) },
    credits,
    createdAt: createdAt.toISOString(),
  };
}
