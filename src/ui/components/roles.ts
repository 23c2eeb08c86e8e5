/** Why a button is off for who may only look. */
export const NEEDS_OPERATE = 'this needs the role operate'
