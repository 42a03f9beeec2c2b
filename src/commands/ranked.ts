import { nearest } from '../text/nearest.ts';

/** Choices by how well they fit what was typed: those that begin so, those with a word that does, those that hold it, each the shortest first; else one that comes near. */
export function ranked<C extends { readonly name: string }>(typed: string, choices: readonly C[]): readonly C[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return choices;
  const fits = choices.flatMap((choice, index) => {
    const at = choice.name.toLowerCase().indexOf(wanted);
    if (at < 0) return [];
    const isWord = at === 0 || /[^a-z0-9]/i.test(choice.name[at - 1] ?? '');
    return [{ choice, rank: at === 0 ? 0 : isWord ? 1 : 2, index }];
  });
  if (fits.length > 0)
    return fits
      .sort((a, b) => a.rank - b.rank || a.choice.name.length - b.choice.name.length || a.index - b.index)
      .map(({ choice }) => choice);
  const meant = nearest(
    wanted,
    choices.map(({ name }) => name),
  );
  return choices.filter(({ name }) => name === meant);
}
