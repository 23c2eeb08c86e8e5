/** The markups that texts are written in: Telegram's HTML (a subset that e-mail shows too), Slack's mrkdwn, none. */
export const TEXT_FORMATS = ['plain', 'html', 'mrkdwn'] as const
export type TextFormat = (typeof TEXT_FORMATS)[number]
