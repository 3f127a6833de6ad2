/** Classifiers that a language model has to beat. */
package org.gpt2j.training.baseline;
