#!/bin/sh
echo "a key of a program $*"
