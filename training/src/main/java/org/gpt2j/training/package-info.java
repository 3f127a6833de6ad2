/**
 * Training with the names and arithmetic of transformers' Trainer (5.18.0: trainer.py,
 * optimization.py, trainer_callback.py).
 */
package org.gpt2j.training;
