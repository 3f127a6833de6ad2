/** Callbacks to give to a {@link org.gpt2j.training.Trainer}, most by transformers' names. */
package org.gpt2j.training.callbacks;
