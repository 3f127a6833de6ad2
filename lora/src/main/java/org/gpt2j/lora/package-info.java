/**
 * LoRA (Hu et al. 2021, arXiv:2106.09685) for GPT-2, with peft's names, matching rules and files
 * (peft 0.21.0, tuners/lora).
 */
package org.gpt2j.lora;
