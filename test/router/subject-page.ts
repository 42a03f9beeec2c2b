import { subjectModel } from '../../src/router/subject-model.ts';

/** The table of what `unless` may ask for in `docs/cards-and-waves.md`. */
export function subjectPage(): string {
  const rows = Object.entries(subjectModel.fields).map(([field, type]) => `| \`subject.${field}\` | ${type} |`);
  return ['| field | type |', '| --- | --- |', ...rows].join('\n');
}
