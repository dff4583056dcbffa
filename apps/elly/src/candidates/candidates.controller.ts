import { ProblemDetailsFilter } from '@elly/ats-integration';
import { Body, Get, Header, Param, Patch, Post, Query, StreamableFile, UseFilters } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import { FolderFileStore } from '../files/folder-file-store.js';
import type { Page } from '../paging/page.schema.js';
import { idSchema, toPage } from '../paging/page.schema.js';
import { Problem } from '../problems/problem.js';
import { CurrentSession } from '../session/current-session.decorator.js';
import type { Session } from '../session/session.js';
import { WorkspaceController } from '../session/workspace-controller.decorator.js';
import { CandidateEdits } from './candidate-edits.js';
import type {
  CandidateProfile,
  CandidateView,
  CreateCandidateBody,
  EditCandidateBody,
  ListCandidatesQuery,
} from './candidate.schemas.js';
import {
  candidatePage,
  candidateProfile,
  candidateView,
  createCandidateBody,
  editCandidateBody,
  listCandidatesQuery,
  viewCandidate,
} from './candidate.schemas.js';
import { Candidates } from './candidates.js';

@WorkspaceController('candidates', 'candidates')
export class CandidatesController {
  constructor(
    private readonly candidates: Candidates,
    private readonly edits: CandidateEdits,
    private readonly files: FolderFileStore,
  ) {}

  @Get()
  @ApiOkResponse({ description: 'Candidates made by hand and imported, newest first', standardSchema: candidatePage })
  async list(
    @CurrentSession() session: Session,
    @Query({ schema: listCandidatesQuery }) query: ListCandidatesQuery,
  ): Promise<Page<CandidateView>> {
    return toPage(await this.candidates.list(session.workspaceId, query), query.limit, viewCandidate);
  }

  @Post()
  @ApiCreatedResponse({ standardSchema: candidateView })
  async create(
    @CurrentSession() session: Session,
    @Body({ schema: createCandidateBody }) body: CreateCandidateBody,
  ): Promise<CandidateView> {
    return viewCandidate(await this.candidates.create(session.workspaceId, body));
  }

  @Get(':id')
  @ApiOkResponse({ description: 'With applications and résumé', standardSchema: candidateProfile })
  get(@CurrentSession() session: Session, @Param('id', { schema: idSchema }) id: string): Promise<CandidateProfile> {
    return this.candidates.profile(session.workspaceId, id);
  }

  @Patch(':id')
  @UseFilters(ProblemDetailsFilter)
  @ApiOkResponse({
    description: 'Edited; an imported one is edited in its ATS a moment later',
    standardSchema: candidateView,
  })
  async edit(
    @CurrentSession() session: Session,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: editCandidateBody }) body: EditCandidateBody,
  ): Promise<CandidateView> {
    return viewCandidate(await this.edits.edit(session, id, body));
  }

  @Get(':id/resume')
  @ApiOkResponse({
    description: 'The résumé file',
    content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
  })
  // The file came from a stranger: a browser must save it, never show it as a page of ours.
  @Header('X-Content-Type-Options', 'nosniff')
  @Header('Content-Security-Policy', "default-src 'none'; sandbox")
  @Header('Cache-Control', 'private, no-store')
  async resume(
    @CurrentSession() session: Session,
    @Param('id', { schema: idSchema }) id: string,
  ): Promise<StreamableFile> {
    const resume = await this.candidates.resumeOf(await this.candidates.get(session.workspaceId, id));
    const file = resume && (await this.files.open(resume.reference));
    if (resume === null || file === null) throw Problem.notFound('résumé');
    return new StreamableFile(file.stream, {
      type: /^[\w.+-]+\/[\w.+-]+$/.test(resume.contentType) ? resume.contentType : 'application/octet-stream',
      disposition: `attachment; filename*=UTF-8''${encodeFilename(resume.filename)}`,
      length: file.size,
    });
  }
}

/** RFC 8187. The round trip mends half surrogate pairs, at which `encodeURIComponent` throws; the rest is what `encodeURIComponent` leaves as it is but a header may not hold. */
function encodeFilename(filename: string): string {
  return encodeURIComponent(Buffer.from(filename).toString()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
