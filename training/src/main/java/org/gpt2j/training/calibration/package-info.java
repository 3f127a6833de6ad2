/** Probabilities that agree with frequencies, and the one from which on a text is blocked. */
package org.gpt2j.training.calibration;
