import { Body, Get, Param, Patch, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import { idSchema } from '../paging/page.schema.js';
import { CurrentSession } from '../session/current-session.decorator.js';
import { AdminOnly } from '../session/session.guard.js';
import type { Session } from '../session/session.js';
import { WorkspaceController } from '../session/workspace-controller.decorator.js';
import type { Stage } from './stage.entity.js';
import type { AddStageBody, OrderStagesBody, RenameStageBody, StageList, StageView } from './stage.schemas.js';
import { addStageBody, orderStagesBody, renameStageBody, stageList, stageView } from './stage.schemas.js';
import { Stages } from './stages.js';

@WorkspaceController('stages', 'pipeline')
export class StagesController {
  constructor(private readonly stages: Stages) {}

  @Get()
  @ApiOkResponse({ description: 'The stages of the pipeline, in order', standardSchema: stageList })
  async list(@CurrentSession() session: Session): Promise<StageList> {
    return { items: (await this.stages.list(session.workspaceId)).map(viewStage) };
  }

  @Post()
  @AdminOnly(true)
  @ApiCreatedResponse({ standardSchema: stageView })
  async add(
    @CurrentSession() session: Session,
    @Body({ schema: addStageBody }) body: AddStageBody,
  ): Promise<StageView> {
    return viewStage(await this.stages.add(session.workspaceId, body));
  }

  @Put('order')
  @AdminOnly(true)
  @ApiOkResponse({ standardSchema: stageList })
  async order(
    @CurrentSession() session: Session,
    @Body({ schema: orderStagesBody }) body: OrderStagesBody,
  ): Promise<StageList> {
    return { items: (await this.stages.order(session.workspaceId, body.ids)).map(viewStage) };
  }

  @Patch(':id')
  @AdminOnly(true)
  @ApiOkResponse({ standardSchema: stageView })
  async rename(
    @CurrentSession() session: Session,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: renameStageBody }) body: RenameStageBody,
  ): Promise<StageView> {
    return viewStage(await this.stages.rename(session.workspaceId, id, body));
  }
}

function viewStage({ id, name, kind, position }: Stage): StageView {
  return { id, name, kind, position };
}
