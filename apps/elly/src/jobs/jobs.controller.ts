import { Body, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import type { Page } from '../paging/page.schema.js';
import { idSchema, toPage } from '../paging/page.schema.js';
import { CurrentSession } from '../session/current-session.decorator.js';
import type { Session } from '../session/session.js';
import { WorkspaceController } from '../session/workspace-controller.decorator.js';
import type { CreateJobBody, JobView, ListJobsQuery, PatchJobBody } from './job.schemas.js';
import { createJobBody, jobPage, jobView, listJobsQuery, patchJobBody, viewJob } from './job.schemas.js';
import { Jobs } from './jobs.js';

@WorkspaceController('jobs', 'jobs')
export class JobsController {
  constructor(private readonly jobs: Jobs) {}

  @Get()
  @ApiOkResponse({ description: 'Jobs made by hand and imported, newest first', standardSchema: jobPage })
  async list(
    @CurrentSession() session: Session,
    @Query({ schema: listJobsQuery }) query: ListJobsQuery,
  ): Promise<Page<JobView>> {
    return toPage(await this.jobs.list(session.workspaceId, query), query.limit, viewJob);
  }

  @Post()
  @ApiCreatedResponse({ standardSchema: jobView })
  async create(
    @CurrentSession() session: Session,
    @Body({ schema: createJobBody }) body: CreateJobBody,
  ): Promise<JobView> {
    return viewJob(await this.jobs.create(session.workspaceId, body));
  }

  @Get(':id')
  @ApiOkResponse({ standardSchema: jobView })
  async get(@CurrentSession() session: Session, @Param('id', { schema: idSchema }) id: string): Promise<JobView> {
    return viewJob(await this.jobs.get(session.workspaceId, id));
  }

  @Patch(':id')
  @ApiOkResponse({ standardSchema: jobView })
  async patch(
    @CurrentSession() session: Session,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: patchJobBody }) body: PatchJobBody,
  ): Promise<JobView> {
    return viewJob(await this.jobs.patch(session.workspaceId, id, body));
  }
}
