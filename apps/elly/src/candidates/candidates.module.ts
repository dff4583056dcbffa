import { Module } from '@nestjs/common';
import { FilesModule } from '../files/files.module.js';
import { Candidates } from './candidates.js';
import { CandidatesController } from './candidates.controller.js';

@Module({ imports: [FilesModule], controllers: [CandidatesController], providers: [Candidates] })
export class CandidatesModule {}
