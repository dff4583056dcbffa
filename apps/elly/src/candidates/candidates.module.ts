import { Module } from '@nestjs/common';
import { FilesModule } from '../files/files.module.js';
import { CandidateEdits } from './candidate-edits.js';
import { Candidates } from './candidates.js';
import { CandidatesController } from './candidates.controller.js';

@Module({ imports: [FilesModule], controllers: [CandidatesController], providers: [Candidates, CandidateEdits] })
export class CandidatesModule {}
