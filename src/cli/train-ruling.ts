import type { Ruling } from '../app/challenge.ts'

/** Who is in force after a contest, in one line: both figures, or why there are none. */
export function rulingText(unit: string, { takesOver, champion, figures }: Ruling, reason?: string): string {
  const who = takesOver ? `${unit}: the new model takes over from ${champion}` : `${unit}: ${champion} stays in force`
  const facts = [reason, figures && figuresText(figures)].filter((fact) => fact !== undefined)
  return `${who}: ${facts.join('; ')}`
}

function figuresText({ champion_loss, challenger_loss, rows }: NonNullable<Ruling['figures']>): string {
  const losses = `loss ${challenger_loss.toPrecision(4)} of the new model, ${champion_loss.toPrecision(4)} of the old one`
  return `${losses}, on ${rows} rows new to both`
}
