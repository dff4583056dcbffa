import { ProblemDetailsFilter } from '@elly/ats-integration';
import { Body, Get, HttpCode, Param, Patch, Query, UseFilters } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import { idSchema } from '../paging/page.schema.js';
import { CurrentSession } from '../session/current-session.decorator.js';
import type { Session } from '../session/session.js';
import { WorkspaceController } from '../session/workspace-controller.decorator.js';
import { Applications } from './applications.js';
import { Board } from './board.js';
import type { BoardQuery, BoardView, MoveApplicationBody, PipelineSummary } from './board.schemas.js';
import { boardQuery, boardView, moveApplicationBody, pipelineSummary } from './board.schemas.js';

@WorkspaceController('', 'pipeline')
export class PipelineController {
  constructor(
    private readonly board: Board,
    private readonly applications: Applications,
  ) {}

  @Get('pipeline')
  @ApiOkResponse({ description: 'How many applications stand at each stage', standardSchema: pipelineSummary })
  summary(@CurrentSession() session: Session): Promise<PipelineSummary> {
    return this.board.summary(session.workspaceId);
  }

  @Get('jobs/:id/pipeline')
  @ApiOkResponse({
    description: "A job's board: its stages with their applications, newest first",
    standardSchema: boardView,
  })
  ofJob(
    @CurrentSession() session: Session,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: boardQuery }) query: BoardQuery,
  ): Promise<BoardView> {
    return this.board.ofJob(session.workspaceId, id, query);
  }

  @Patch('applications/:id')
  @HttpCode(204)
  @UseFilters(ProblemDetailsFilter)
  @ApiNoContentResponse({ description: 'Moved to the stage; an imported one moves in its ATS a moment later' })
  async move(
    @CurrentSession() session: Session,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: moveApplicationBody }) body: MoveApplicationBody,
  ): Promise<void> {
    await this.applications.move(session, id, body);
  }
}
