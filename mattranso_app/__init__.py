"""Mặt trận số: the digital platform of the Vietnam Fatherland Front. See docs/map.md for the rooms of this house."""
