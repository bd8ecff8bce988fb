/** A write that is not done, whoever asks: it is not clear that the operator meant it, or they may not. */
export class WriteRefused extends Error {}
